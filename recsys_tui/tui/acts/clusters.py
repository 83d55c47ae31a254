"""Clusters: working out what is told of the one under the cursor, comparing two, renaming one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.tui.acts.live import LiveActs
from recsys_tui.tui.acts.people import PeopleActs
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.lines.clusters import people_text
from recsys_tui.tui.panes import LIKERS, MEMBERS
from recsys_tui.tui.state.clusters import ClusterState
from recsys_tui.tui.state.workbench import ModelState
from recsys_tui.tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Cluster
    from recsys_tui.recommend.cluster_comparison import ClusterComparison
    from recsys_tui.recommend.cluster_page import ClusterFigures, ClusterPage
    from recsys_tui.recommend.user_map import UserMap
    from recsys_tui.tui.views.clusters import ClustersView

    Found = tuple[dict[int, ClusterPage], UserMap | None, ClusterComparison | None]


class ClusterActs(LiveActs, PeopleActs):
    """What is done with groups of people."""

    # Counts of everyone, kept between pages; the session's thread alone touches them.
    _figures: ClusterFigures | None = None
    # What was asked for last, so that it is asked once.
    _cluster_asked: tuple[object, ...] | None = None
    _from_members = False  # the person on screen was a member of the cluster on screen, where Escape leads back

    def draw(self) -> None:
        """Show the state; while clusters are looked at, first see to it that what is shown is worked out."""
        if self.mode == "clusters" and self.is_running:
            self._follow_cluster()
        super().draw()

    def _follow_cluster(self) -> None:
        model, looked = self.state.model, self.state.looked_at
        if looked.model is not model:
            count = 0 if model is None else len(model.clusters)
            other = looked.other if looked.other is not None and looked.other < count else None
            looked = ClusterState(looked.at, looked.inside, other, model)
            self.state = replace(self.state, looked_at=looked)
        if model is None or looked.at is None or looked.at >= len(model.clusters):
            return
        at, other = looked.at, looked.other
        missing = tuple(one for one in (at, other) if one is not None and one not in looked.pages)
        compares = other is not None and looked.compared is None
        wanted = (model, at, other)
        if not (missing or compares or looked.people is None) or self._cluster_asked == wanted:
            return
        self._cluster_asked = wanted
        mapped = looked.people is not None
        pair = (at, other) if compares and other is not None else None
        self.ask(
            lambda session: self._work_out(session, missing, mapped, pair),
            lambda found: self._take_pages(model, found),
            kind="cluster",
        )

    def _work_out(
        self, session: Session, missing: tuple[int, ...], mapped: bool, pair: tuple[int, int] | None
    ) -> Found | None:
        from recsys_tui.recommend.cluster_comparison import compare_clusters
        from recsys_tui.recommend.cluster_page import ClusterFigures
        from recsys_tui.recommend.user_map import user_map

        recommender = session.recommender()
        if recommender is None:
            return None
        if self._figures is None or self._figures.model.people is not recommender.model.people:
            self._figures = ClusterFigures.of(recommender)
        figures = self._figures
        if any(one >= len(figures.model.experts.profiles.centres) for one in (*missing, *(pair or ()))):
            return None
        return (
            {one: figures.page(one) for one in missing},
            None if mapped else user_map(figures.model),
            None if pair is None else compare_clusters(figures, *pair),
        )

    def _take_pages(self, model: ModelState, found: Found | None) -> None:
        looked = self.state.looked_at
        # A model is the same one when its clusters were renamed meanwhile.
        if found is None or looked.model is None or replace(model, clusters=looked.model.clusters) != looked.model:
            return
        pages, people, comparison = found
        self.state = replace(
            self.state,
            looked_at=replace(
                looked,
                pages={**looked.pages, **pages},
                people=people or looked.people,
                comparison=comparison or looked.comparison,
            ),
        )
        self.draw()

    def on_clusters_view_looked(self, event: ClustersView.Looked) -> None:
        """Another cluster is under the cursor."""
        looked = replace(self.state.looked_at, at=event.cluster, inside=event.inside)
        if looked != self.state.looked_at:
            self.state = replace(self.state, looked_at=looked)
            self.draw()

    @on(LineTable.Chosen, f"#{LIKERS}")
    def show_cluster_of_item(self) -> None:
        """Show the cluster that takes the item on screen, as the cursor is on it."""
        from recsys_tui.tui.views.clusters import ClustersView
        from recsys_tui.tui.views.items import ItemsView

        number = self.query_one(ItemsView).cluster_under_cursor()
        if number is not None:
            self.state = replace(self.state, looked_at=replace(self.state.looked_at, other=None))
            self.action_mode("clusters")
            self.call_after_refresh(self.query_one(ClustersView).open_cluster, number)

    @on(LineTable.Chosen, f"#{MEMBERS}")
    def show_member(self) -> None:
        """Show the person whom the cursor is on."""
        from recsys_tui.tui.views.clusters import ClustersView

        self.show_person(self.query_one(ClustersView).user_under_cursor())
        self._from_members = self.mode == "users"

    def action_mode(self, mode: str) -> None:
        """Go to a mode."""
        super().action_mode(mode)
        self._from_members = self._from_members and mode == "users"

    def step_back(self) -> bool:
        """What Escape undoes here before it leaves the view; False where there is nothing of it."""
        if self.mode == "clusters" and self.state.looked_at.other is not None:
            self._compare_with(None)
            return True
        if super().step_back():
            return True
        if self._from_members:
            self.action_mode("clusters")
            return True
        return False

    # --- comparing ---------------------------------------------------------------------------------------------------

    def action_compare_clusters(self) -> None:
        """Choose a cluster to put beside the one under the cursor."""
        here = self._cluster_here()
        if here is None:
            return
        others = sorted((one for one in self.state.clusters() if one.id != here.id), key=lambda one: -(one.size or 0))
        if not others:
            self.notify(say("clusters.only_one"), markup=False)
            return
        offers = [
            Offer(str(one.id), f"C{one.id} {one.name}", say("clusters.people", count=people_text(one)))
            for one in others
        ]
        title = say("clusters.compare_title", cluster=here.id, name=here.name)
        dialog = ChoiceDialog(title, offers)
        self.push_screen(dialog, lambda chosen: None if chosen is None else self._compare_with(int(chosen)))

    def _compare_with(self, other: int | None) -> None:
        self.state = replace(self.state, looked_at=replace(self.state.looked_at, other=other))
        self._cluster_asked = None
        self.draw()

    def _cluster_here(self) -> Cluster | None:
        """The cluster under the cursor; a sentence is told where there is none."""
        at, clusters = self.state.looked_at.at, self.state.clusters()
        if at is None or at >= len(clusters):
            self.notify(say("clusters.none_match") if clusters else self.state.why_no_model, markup=False)
            return None
        return clusters[at]

    # --- renaming ----------------------------------------------------------------------------------------------------

    def action_rename_cluster(self) -> None:
        """Ask for a name of the cluster under the cursor."""
        from recsys_tui.tui.dialogs.cluster_name import ClusterNameDialog

        here = self._cluster_here()
        if here is None:
            return

        def named(name: str | None) -> None:
            if name is not None:
                self._rename(here.id, name)

        self.push_screen(ClusterNameDialog(here), named)

    def _rename(self, number: int, name: str) -> None:
        def work(session: Session) -> tuple[Cluster, ...]:
            recommender = session.recommender()
            if recommender is None:
                return ()
            session.rename_cluster(recommender, number, name)
            return recommender.clusters()

        self.ask(work, lambda clusters: self._take_names(number, clusters))

    def _take_names(self, number: int, clusters: tuple[Cluster, ...]) -> None:
        before, person = self.state.model, self.state.person
        if before is None or len(clusters) != len(before.clusters):
            return
        model = replace(before, clusters=clusters)
        self.state = replace(self.state, model=model)
        if self.state.looked_at.model is before:
            self.state = replace(self.state, looked_at=replace(self.state.looked_at, model=model))
        answer = None if person is None else person.answer
        if person is not None and answer is not None and answer.cluster is not None:
            answer = replace(answer, cluster_name=clusters[answer.cluster].name)
            self.state = replace(self.state, person=replace(person, answer=answer))
        cluster = clusters[number]
        sentence = "clusters.now_called" if cluster.renamed else "clusters.own_name_again"
        self.notify(say(sentence, cluster=number, name=cluster.name), markup=False)
        self.draw()
