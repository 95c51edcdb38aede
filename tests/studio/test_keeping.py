"""Nothing is lost, and what goes wrong is said in a sentence."""

import pytest

RED, BLUE = "#a8323a", "#3f78a8"
SQUARE = (0.15, 0.2)


@pytest.fixture
def studio(easel, line_art):
    studio = easel()
    studio.open(line_art)
    studio.dab(*SQUARE, RED)
    return studio


def says(studio, words: str) -> None:
    """Wait for a note with these words."""
    studio.page.locator(".toast").filter(has_text=words).wait_for()


def test_a_reload_goes_on_where_it_was(studio):
    studio.page.wait_for_timeout(1500)  # it is kept a moment after the last stroke
    studio.page.reload()
    studio.rest()
    assert studio.color(0.12, 0.3) == RED
    studio.page.locator("#menu-button").click()
    studio.page.get_by_role("menuitem", name="Close the picture").click()
    recent = studio.page.locator("#recent .card")
    recent.wait_for()
    studio.shot("recent")
    recent.click()
    studio.rest()
    assert studio.color(0.12, 0.3) == RED


def test_a_project_file_holds_everything(studio, easel, tmp_path):
    studio.page.locator("#only-hints").check()
    studio.page.locator("#palette-button").click()
    studio.page.get_by_role("menuitemradio", name="Dusk").click()
    with studio.page.expect_download() as download:
        studio.page.keyboard.press("Control+s")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "forms.nurie"

    other = easel()
    other.choose(path, "#choose-project")
    other.rest()
    assert other.color(0.12, 0.3) == RED
    assert other.page.locator("#only-hints").is_checked()
    assert other.page.locator("#palette-name").text_content() == "Dusk"
    assert other.page.locator("#title").text_content() == "forms.png"


def test_a_lost_session_is_made_anew_unnoticed(studio):
    page = studio.page
    with page.expect_request(lambda request: request.url.endswith("/paint")) as painted:
        studio.dab(0.75, 0.7, BLUE)
    lost = painted.value.url.rsplit("/", 1)[0]
    assert page.request.delete(lost).status == 204
    studio.dab(0.29, 0.45, BLUE)
    assert studio.color(0.27, 0.42) == BLUE
    assert studio.color(0.12, 0.3) == RED
    assert not page.locator(".toast").count()


def test_a_full_queue_is_asked_again(studio):
    asked = []

    def refuse_once(route):
        asked.append(route.request.url)
        if len(asked) > 1:
            return route.continue_()
        headers = {"Retry-After": "1", "Content-Type": "application/problem+json"}
        return route.fulfill(status=503, headers=headers, body='{"detail": "the queue is full"}')

    studio.page.route("**/paint", refuse_once)
    studio.dab(0.75, 0.7, BLUE)
    assert studio.color(0.75, 0.6) == BLUE
    says(studio, "Trying again in 1 s")
    assert len(asked) == 2


def test_a_server_that_is_gone_is_said_so(studio):
    studio.page.route("**/paint", lambda route: route.abort())
    studio.dab(0.75, 0.7, BLUE)
    says(studio, "can't be reached")
    studio.page.unroute("**/paint")
    studio.dab(0.29, 0.45, BLUE)
    assert studio.color(0.75, 0.6) == BLUE, "the stroke is not lost"


def test_what_is_no_picture_is_refused_and_the_drawing_stays(studio, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture at all")
    with studio.page.expect_file_chooser() as chooser:
        studio.page.keyboard.press("Control+o")
    chooser.value.set_files(path)
    says(studio, "broken.png")
    assert studio.color(0.12, 0.3) == RED

    project = tmp_path / "broken.nurie"
    project.write_text('{"format": "nurie-project"')
    with studio.page.expect_file_chooser() as chooser:
        studio.page.keyboard.press("Control+o")
    chooser.value.set_files(project)
    says(studio, "no nurie project")


def test_long_work_can_be_called_off(easel, line_art):
    studio = easel()
    page = studio.page
    page.route("**/api/v1/sessions", lambda route: None)  # never answered
    studio.choose(line_art)
    cancel = page.locator("#progress-cancel")
    cancel.wait_for()
    studio.shot("progress")
    cancel.click()
    page.locator("#start").wait_for()
    assert page.locator("body").get_attribute("data-phase") == "start"
    assert not page.locator(".toast").count()


def test_the_token_is_taken_out_of_the_address(easel):
    studio = easel(path="#token=secret")
    assert studio.page.evaluate("location.hash") == ""
    asked = []
    studio.page.route(
        "**/api/v1/sessions",
        lambda route: (asked.append(route.request.headers), route.abort()),
    )
    studio.page.locator("#examples button").first.click()
    says(studio, "can't be reached")
    assert asked[0]["authorization"] == "Bearer secret"


def test_language_and_theme_are_chosen_and_kept(easel):
    studio = easel()
    page = studio.page
    page.locator("#language").click()
    page.locator("#theme").click()
    assert page.locator("#choose").inner_text().strip() == "絵を選ぶ"
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("data-theme")) == ("ja", "dark")
    assert page.locator("#choose").inner_text().strip() == "絵を選ぶ"


def test_a_reference_that_is_no_picture_is_taken_back(studio, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture at all")
    studio.choose(path, "#reference-choose")
    says(studio, "broken.png")
    studio.rest()
    assert not studio.page.locator("#reference-remove").is_visible()
    studio.dab(0.75, 0.7, BLUE)
    assert studio.color(0.75, 0.6) == BLUE
