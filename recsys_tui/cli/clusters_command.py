"""``recsys clusters``: the groups of people with a common taste."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys_tui.cli.answering import answering_recommender
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.digits import whole_number
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Cluster
    from recsys_tui.recommend.recommender import Recommender


def _cluster_number(text: str) -> int:
    """The number of a cluster, which screens write with a C before it."""
    number = whole_number(text.strip().removeprefix("C").removeprefix("c"))
    if number is None:
        raise typer.BadParameter(say("clusters.not_a_number", cluster=text))
    return number


@with_mapping
def clusters(
    data: OptionalData = None,
    cluster: Annotated[
        int | None, typer.Option("--cluster", metavar="ID", parser=_cluster_number, help=say("cli.help_cluster"))
    ] = None,
    rename: Annotated[str | None, typer.Option("--rename", metavar="NAME", help=say("clusters.help_rename"))] = None,
    no_train: Annotated[bool, typer.Option("--no-train", help=say("cli.help_no_train"))] = False,
    *,
    mapping: Mapping,
) -> None:
    if rename is not None and cluster is None:
        raise UserError("clusters.rename_which")
    session = open_session(data, mapping)
    out = console()
    recommender, _ = answering_recommender(session, out, preset=None, horizon="next", no_train=no_train)
    found = recommender.clusters()
    crowd = CrowdGate()
    if cluster is not None:
        if not 0 <= cluster < len(found):
            raise UserError("cli.no_such_cluster", ExitCode.NOT_FOUND, cluster=cluster, last=len(found) - 1)
        if rename is not None:
            session.rename_cluster(recommender, cluster, rename)
            found = recommender.clusters()
            out.tell(say("clusters.renamed", cluster=cluster, name=found[cluster].name))
        found = (found[cluster],)
    if out.options.form == JSON:
        documents = [_document(entry) for entry in found]
        if cluster is not None:
            documents[0]["details"] = _details(recommender, cluster)
        out.data(json_document(recommender.clustering() | {"clusters": documents}))
    elif out.options.form == CSV:
        rows = [(c.id, c.name, c.size, c.cohesion, c.silhouette, c.stability) for c in found]
        out.data(csv_table(("id", "name", "size", "cohesion", "silhouette", "stability"), rows, ("name",)))
    else:
        quality = recommender.clustering()
        if None not in quality.values():
            out.tell(say("cli.clusters_quality", **quality))
        out.table(
            ("#", say("cli.name"), say("cli.people"), say("cli.cohesion"), say("cli.stability"), say("cli.top_items")),
            [
                (
                    entry.id,
                    entry.name,
                    crowd.pass_text("", 0) if entry.size is None else f"{entry.size:,}",
                    "" if entry.cohesion is None else f"{entry.cohesion:.2f}",
                    "" if entry.stability is None else f"{entry.stability:.2f}",
                    ", ".join(title or item for item, title, _ in entry.top_items[: 12 if cluster is not None else 3]),
                )
                for entry in found
            ],
            numbers=(0, 2, 3, 4),
        )


def _document(cluster: Cluster) -> dict[str, Any]:
    document = asdict(cluster)
    document["top_items"] = [{"item": item, "title": title, "lift": lift} for item, title, lift in cluster.top_items]
    document["top_terms"] = [{"term": term, "lift": lift} for term, lift in cluster.top_terms]
    return document


def _details(recommender: Recommender, cluster: int) -> dict[str, Any]:
    from recsys_tui.recommend.cluster_page import ClusterFigures

    return ClusterFigures.of(recommender).page(cluster).to_json()
