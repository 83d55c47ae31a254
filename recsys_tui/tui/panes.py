"""Names of the panes that keys go to, by view; apart from the views, which are read when they are put in place."""

from __future__ import annotations

# Users: what a person has, what they are recommended, and why.
HISTORY, RECOMMENDED, WHY = "history", "recommended", "why-scroll"
# Clusters: all of them, and one's pages.
CLUSTER_LIST, DETAIL, MEMBERS, MAP = "cluster-list", "cluster-detail-scroll", "cluster-members", "cluster-map-scroll"
# Items: what is like one, who has it, and when it was taken.
SIMILAR, LIKERS, TIMES = "similar", "likers", "item-times-scroll"
