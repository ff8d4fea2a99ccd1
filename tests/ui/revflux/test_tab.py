"""RevFlux in the app: sessions of the studio measured, filtered, drawn, downloaded."""

import csv
import io
import json
from contextlib import closing

import pytest

from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, session
from workbench.errors import InputError
from workbench.revflux.study import trace_path, write_trace
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.ui.folders import AppFolders
from workbench.ui.revflux import tab as revflux
from workbench.ui.revflux.data import ALL, STUDIO, Choice, Studies, choices_in, download, figures_of, overview_html
from workbench.ui.revflux.strands import strands_html

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Two sessions of the studio and a study of one, by scripted models."""
    folder = tmp_path_factory.mktemp("flux")
    with closing(SessionStore(folder / "sessions")) as store:
        for request in ("a railway station", "=<script>alert(1)</script>"):
            start = store.begin(request, RevisionSettings())
            trace, _, _ = session([BRIEF, REVISE, APPROVE, NOTE], [FIRST, SECOND], request=request, start=start)
            store.save(trace)
    trace, _, _ = session([BRIEF, APPROVE, NOTE], [FIRST])
    path = trace_path(folder / "runs" / "revflux" / "small", "one")
    path.parent.mkdir(parents=True)
    write_trace(path, trace, configuration="tiny", category="cliche", sample=0)
    return Studies(folders=AppFolders(runs=folder / "runs"))


def test_it_begins_with_one_poem_line_by_line_in_words(studies):
    told = revflux.look(studies, STUDIO, [], ALL, None)[0]
    begun = told.partition("<h2>All of them</h2>")[0]
    assert "of the first draft" in begun
    assert "session=railway-station" in begun
    assert "=&lt;script&gt;" in begun
    assert "<script" not in told
    assert "A poem through its drafts" not in revflux.look(studies, "small", [], ALL, None)[0], "one draft has no way"


def test_a_line_is_followed_with_signs_and_not_with_colours(studies):
    assert '<td data-of="draft 2">−</td>' in strands_html(studies.held(STUDIO), in_studio=True)
    assert "in the studio" not in strands_html(studies.held(STUDIO), in_studio=False)


def test_the_studio_and_the_studies_can_be_chosen(studies):
    assert [name for _, name in studies.names()] == [STUDIO, "small"]
    assert choices_in(studies, "small").categories == ("cliche",)
    assert choices_in(studies, STUDIO).revisions == (0, 1)


def test_the_overview_holds_the_figures_by_hand(studies):
    page = overview_html(studies.results(Choice(study=STUDIO)))
    assert ("too few for intervals" in page) == ("with 95 % intervals" not in page)
    assert ">75.0" in page, "three of the first draft's four lines stand verbatim"
    assert "the educator approved the poem" in page


def test_a_filter_that_nothing_fits_says_so(studies):
    assert "No session matches" in revflux.look(studies, STUDIO, ["nobody"], ALL, 1)[0]
    assert "There is no session with a draft" not in revflux.look(studies, STUDIO, [], ALL, 1)[0]


def test_a_folder_without_sessions_says_what_to_do(tmp_path):
    empty = Studies(folders=AppFolders(runs=tmp_path / "runs"))
    assert "revise a poem in the Studio" in revflux.look(empty, STUDIO, [], ALL, None)[0]


@pytest.mark.parametrize("name", ["../small", "", "/etc"])
def test_a_study_by_another_name_is_refused(studies, name):
    with pytest.raises(InputError):
        studies.results(Choice(study=name))


def test_figures_are_drawn_with_their_note(studies):
    names = [name for _, name in figures_of(studies.results(Choice(study=STUDIO)))]
    assert {"models", "histogram", "line_bars_1"} <= set(names)
    _, note = revflux.draw(studies, STUDIO, [], ALL, 1, "histogram")
    assert "Lines of all configurations" in note


def test_downloads_are_whole_and_safe(studies):
    choice = Choice(study=STUDIO)
    page, _ = download(studies, choice, "html")
    assert "<script>alert(1)" not in page
    assert json.loads(download(studies, choice, "json")[0])["n_sessions"] == 2
    rows = list(csv.DictReader(io.StringIO(download(studies, choice, "csv")[0])))
    assert {row["prompt"][:2] for row in rows} == {"a ", "'="}, "no cell is a formula"
    with pytest.raises(InputError, match="html, csv or json"):
        download(studies, choice, "exe")
