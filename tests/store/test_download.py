"""A download over HTTPS from this machine's loopback: goes on where it stopped, and lets nothing else through."""

from __future__ import annotations

import hashlib
import os
import resource
import select
import signal
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.download import TRIES, Remote, check_file, download
from recsys_tui.store.public_download import came_before
from tests.store.file_server import Site, cut, other, sends_on, status, whole, without_ranges


def remote(site: Site, **changes: object) -> Remote:
    digest = hashlib.sha256(site.content).hexdigest()
    return Remote(**{"address": site.address, "bytes": len(site.content), "sha256": digest} | changes)


def refusal(site: Site, part: Path) -> str:
    with pytest.raises(UserError) as refused:
        download(remote(site), part)
    assert refused.value.exit_code == ExitCode.FAILED
    return refused.value.message_id


def test_a_file_comes_whole_and_is_private(site: Site, tmp_path: Path) -> None:
    told: list[int] = []
    assert download(remote(site), tmp_path / "part", told.append) == 100_000
    assert (tmp_path / "part").read_bytes() == site.content
    assert (tmp_path / "part").stat().st_mode & 0o777 == 0o600
    assert site.asked == [("/file.zip", None)]
    assert told[-1] == 100_000
    check_file(tmp_path / "part", remote(site))
    assert download(remote(site), tmp_path / "part") == 0  # what is whole is not asked for again
    assert len(site.asked) == 1


def test_a_cut_connection_goes_on_where_it_ended(site: Site, tmp_path: Path) -> None:
    site.next.extend([cut(1_000), cut(70_000)])
    assert download(remote(site), tmp_path / "part") == 100_000
    assert [asked for _, asked in site.asked] == [None, "bytes=1000-", "bytes=70000-"]
    check_file(tmp_path / "part", remote(site))


def test_what_came_before_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(site.content[:60_000])
    assert download(remote(site), tmp_path / "part") == 40_000
    check_file(tmp_path / "part", remote(site))


def test_a_connection_that_keeps_breaking_ends_it_and_keeps_what_came(site: Site, tmp_path: Path) -> None:
    site.next.extend([cut(500)] * TRIES)
    assert refusal(site, tmp_path / "part") == "datasets.cut"
    assert (tmp_path / "part").read_bytes() == site.content[:500]
    assert len(site.asked) == TRIES
    assert download(remote(site), tmp_path / "part") == 99_500


def test_a_server_without_ranges_is_asked_for_all_of_it_again(site: Site, tmp_path: Path) -> None:
    site.next.extend([cut(30_000), without_ranges])
    assert download(remote(site), tmp_path / "part") == 130_000
    assert (tmp_path / "part").read_bytes() == site.content


def test_a_beginning_that_the_server_does_not_have_is_dropped(site: Site, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(bytes(99_000))
    site.next.append(status(416, Content_Range="bytes */100000"))
    assert download(remote(site), tmp_path / "part") == 100_000
    (tmp_path / "part").write_bytes(bytes(100_001))  # longer than the file
    download(remote(site), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == site.content


@pytest.mark.parametrize("size", [99_999, 100_001, 0])
def test_another_size_is_refused_before_anything_is_kept(site: Site, tmp_path: Path, size: int) -> None:
    site.next.append(other(size))
    assert refusal(site, tmp_path / "part") == "datasets.wrong_size"
    assert not (tmp_path / "part").exists()


def test_more_than_was_said_is_not_taken(site: Site, tmp_path: Path) -> None:
    site.next.append(other(50_000_000, told=False))
    told: list[int] = []
    with pytest.raises(UserError) as refused:
        download(remote(site), tmp_path / "part", told.append)
    assert refused.value.message_id == "datasets.wrong_size"
    assert max(told) == 100_000
    assert not (tmp_path / "part").exists()


def test_another_size_is_noticed_when_going_on(site: Site, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(site.content[:10])
    site.content += b"more"
    with pytest.raises(UserError) as refused:
        download(remote(site, bytes=100_000), tmp_path / "part")
    assert refused.value.message_id == "datasets.wrong_size"


def test_other_contents_are_noticed(site: Site, tmp_path: Path) -> None:
    download(remote(site), tmp_path / "part")
    with pytest.raises(UserError) as refused:
        check_file(tmp_path / "part", remote(site, sha256="0" * 64))
    assert (refused.value.message_id, refused.value.exit_code) == ("datasets.checksum", ExitCode.FAILED)
    with pytest.raises(UserError) as refused:
        check_file(tmp_path / "part", remote(site, bytes=99_999))
    assert refused.value.message_id == "datasets.wrong_size"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_https_is_followed(site: Site, tmp_path: Path, code: int) -> None:
    (tmp_path / "part").write_bytes(site.content[:7])
    site.next.append(status(code, Location="/elsewhere/file.zip"))
    assert download(remote(site), tmp_path / "part") == 99_993
    assert site.asked == [("/file.zip", "bytes=7-"), ("/elsewhere/file.zip", "bytes=7-")]


@pytest.mark.parametrize("scheme", ["http", "ftp", "file", "data", "HTTP"])
def test_a_redirect_to_anything_else_is_not(site: Site, tmp_path: Path, scheme: str) -> None:
    (tmp_path / "secret").write_bytes(site.content)
    with socket.create_server(("127.0.0.1", 0)) as ear:
        port = ear.getsockname()[1]
        places = {"file": f"file://{tmp_path}/secret", "data": "data:application/zip;base64,AAAA"}
        site.next.append(status(302, Location=places.get(scheme, f"{scheme}://127.0.0.1:{port}/file.zip")))
        assert refusal(site, tmp_path / "part") == "datasets.redirect"
        assert select.select([ear], [], [], 0)[0] == []  # nobody knocked
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize("host", ["[", "two..dots", "a" * 70, "\u00e9", "127.0.0.1:port"])
def test_a_redirect_to_what_is_no_address_is_told(site: Site, tmp_path: Path, host: str) -> None:
    site.next.append(status(302, Location=f"https://{host}/file.zip"))
    assert refusal(site, tmp_path / "part") == "datasets.unreachable"
    assert len(site.asked) == 1


@pytest.mark.parametrize("told", ["7-99999/{}", "{}-99999/100000", "7-{}/100000"])
def test_a_range_of_more_digits_than_any_number_is_none(site: Site, tmp_path: Path, told: str) -> None:
    (tmp_path / "part").write_bytes(site.content[:7])
    site.next.append(status(206, Content_Range="bytes " + told.format("9" * 5000)))
    assert download(remote(site), tmp_path / "part") == 100_000


def test_what_comes_with_a_redirect_is_not_taken(site: Site, tmp_path: Path) -> None:
    sent: list[int] = []
    site.next.append(sends_on("/elsewhere/file.zip", 100_000_000, sent))
    assert download(remote(site), tmp_path / "part") == 100_000
    assert [path for path, _ in site.asked] == ["/file.zip", "/elsewhere/file.zip"]
    assert sent[0] < 50_000_000  # what was on its way when the client hung up


def test_redirects_without_end_end(site: Site, tmp_path: Path) -> None:
    site.next.extend([status(302, Location=f"/{n % 3}") for n in range(30)])
    assert refusal(site, tmp_path / "part") == "datasets.refused"
    assert len(site.asked) < 15


def test_a_refusal_is_told(site: Site, tmp_path: Path) -> None:
    site.next.append(status(404))
    assert refusal(site, tmp_path / "part") == "datasets.refused"


def test_a_certificate_that_nobody_vouches_for_is_refused(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert refusal(site, tmp_path / "part") == "datasets.certificate"
    assert site.asked == []


def test_a_host_that_is_not_there_is_told(site: Site, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ear:
        port = ear.getsockname()[1]
    with pytest.raises(UserError) as refused:
        download(remote(site, address=f"https://127.0.0.1:{port}/"), tmp_path / "part")
    assert refused.value.message_id == "datasets.unreachable"
    assert refused.value.exit_code == ExitCode.FAILED


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/file.zip", "file:///etc/hostname", "ftp://127.0.0.1/file"])
def test_nothing_but_https_is_spoken(site: Site, tmp_path: Path, address: str) -> None:
    with pytest.raises(UserError) as refused:
        download(remote(site, address=address), tmp_path / "part")
    assert refused.value.message_id == "datasets.unreachable"


def test_a_full_disk_keeps_what_fitted(site: Site, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        assert refusal(site, tmp_path / "part") == "store.disk_full"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "part").read_bytes() == site.content[:50_000]
    assert download(remote(site), tmp_path / "part") == 50_000


def test_a_pipe_in_the_place_of_what_came_is_told_and_not_waited_for(site: Site, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "part")
    assert refusal(site, tmp_path / "part") == "store.write_failed"


def test_an_interrupt_keeps_what_came(site: Site, tmp_path: Path) -> None:
    main, done = threading.main_thread(), threading.Event()

    def stall(request: BaseHTTPRequestHandler, content: bytes) -> None:
        cut(40_000)(request, content)
        request.wfile.flush()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and came_before(tmp_path / "part") < 40_000:
            time.sleep(0.005)
        signal.pthread_kill(main.ident, signal.SIGINT)
        done.wait(20)

    site.next.append(stall)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are deaf to it
    try:
        with pytest.raises(KeyboardInterrupt):
            download(remote(site), tmp_path / "part")
    finally:
        done.set()
        signal.signal(signal.SIGINT, before)
    assert came_before(tmp_path / "part") == 40_000
    site.next.append(whole)
    assert download(remote(site), tmp_path / "part") == 60_000
    check_file(tmp_path / "part", remote(site))
