"""Sentences of the ``store`` room."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    "store.nothing_piped": "Nothing came through standard input; pipe the data in, or name a file.",
    "store.home_not_writable": "The home folder {path} cannot be written to ({reason}); choose another with --home DIR or RECSYS_HOME.",
    "store.no_such_home": "The home folder {path} names a user that this machine does not have; choose another with --home DIR or RECSYS_HOME.",
    "store.no_usable_home": "The home folder {path} cannot be used ({reason}); choose another with --home DIR or RECSYS_HOME.",
    "store.disk_full": "The disk is full: {path} could not be written, and what was there before is still there. Free some space and try again.",
    "store.write_failed": "{path} could not be written ({reason}); what was there before is still there.",
    "store.locked": "Another process (number {pid}, {purpose}, since {since}) is working on this data; wait for it to end, or stop it.",
    "store.damaged": "The stored file {file} is damaged ({reason}); recsys recommend --refresh rebuilds it, or recsys workspace remove {key} takes it away.",
    # Reasons, within the sentence above
    "store.no_file": "it is no file",
    "store.no_header": "no header",
    "store.header_not_json": "the header is not JSON",
    "store.header_no_object": "the header is no object",
    "store.array_undescribed": "array {name} is not described",
    "store.array_unknown": "array {name} has an unknown type or shape",
    "store.array_misplaced": "array {name} lies outside its place",
    "store.bytes_left_over": "bytes that belong to no array",
    "store.no_manifest": "no manifest",
    "store.not_named": "the manifest does not name it",
    "store.size_changed": "its size changed",
    "store.checksum_differs": "its checksum does not match",
    "store.of_another_workspace": "it is of another workspace",
    "store.holds_forgotten": "it holds somebody who is forgotten",
    "store.no_model_described": "it does not describe a model",
    "store.no_dataset_described": "it does not describe a dataset",
    # Purposes, within the sentence about locks
    "store.storing_data": "storing data",
    "store.updating": "updating",
    "store.storing_text_vectors": "storing vectors of texts",
    "store.storing_model": "storing a model",
    "store.noting_last": "noting the data used last",
    "store.naming_clusters": "naming clusters",
    "store.name_too_long": "A cluster's name has at most {most} characters, not {length}.",
    "store.name_taken": "Cluster {cluster} is called {name!r} already; choose another name.",
    "store.removing": "removing",
    "store.feedback_newer": "The likes and dislikes in {path} were written by a newer version of this program; update it.",
    "store.feedback_busy": "The likes and dislikes in {path} are being written by another process that does not end; stop it and try again.",
    "store.feedback_damaged": "The likes and dislikes in {path} cannot be read ({reason}); move that file away to begin anew.",
    # Reasons, within the sentence above and that about the log of A/B tests
    "store.other_tables": "its tables are not those that this program makes",
    "store.other_values": "a row holds what this program never writes",
    "store.newer_format": "The workspace {key} was written by a newer version of this program; update it, or use recsys workspace remove {key}.",
    "store.no_such_workspace": "There is no workspace {key!r}; recsys workspace list shows those there are.",
}
