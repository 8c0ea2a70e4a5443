"""The console as a reader goes about in it: by the names of what is seen, never by how the page is built."""

from typing import Literal

from playwright.sync_api import Locator, Page, expect

from tests.browser.console.words import Words


class Console:
    """The console in a tab."""

    def __init__(self, page: Page, words: Words) -> None:
        self.page = page
        self.words = words

    def open(self, list_: Literal["volumes", "snapshots"]) -> "Console":
        """Go to one of the lists, and wait for it."""
        self.page.goto(f"/#/{list_}")
        expect(self.list).to_be_visible()
        return self

    @property
    def list(self) -> Locator:
        """The table of the page."""
        return self.page.get_by_role("table", name="Volume").first

    @property
    def names(self) -> Locator:
        """The names in the list, in its order."""
        return self.list.get_by_role("rowheader")

    def row(self, name: str) -> Locator:
        """The row of that name."""
        return self.list.get_by_role("row").filter(has=self.page.get_by_role("link", name=name, exact=True))

    def choose(self, *names: str) -> "Console":
        """Check rows."""
        for name in names:
            self.list.get_by_role("checkbox", name=self.words.select.format(name), exact=True).check()
        return self

    def leave(self, *names: str) -> None:
        """Uncheck rows."""
        for name in names:
            self.list.get_by_role("checkbox", name=self.words.select.format(name), exact=True).uncheck()

    def sort(self, column: str) -> None:
        """Press the header of a column; the one that is seen is a copy that stays above the rows."""
        self.page.get_by_role("main").get_by_text(column, exact=True).first.click()

    def button(self, name: str) -> Locator:
        """A button above the list."""
        return self.page.get_by_role("main").get_by_role("button", name=name, exact=True).first

    def begin(self, action: str, title: str) -> "Dialog":
        """Press a button above the list; its dialog opens."""
        self.button(action).click()
        return self.dialog(title)

    def dialog(self, title: str) -> "Dialog":
        """The dialog of that title, once it is open."""
        dialog = Dialog(self.page.get_by_role("dialog", name=title))
        expect(dialog.whole).to_be_visible()
        return dialog

    def look_at(self, name: str) -> Locator:
        """Open the panel of a row, and return it."""
        self.row(name).get_by_role("link", name=name, exact=True).click()
        panel = self.page.get_by_role("region", name=name, exact=True)
        expect(panel.get_by_role("tablist")).to_be_visible()
        return panel


class Dialog:
    """An open dialog."""

    def __init__(self, whole: Locator) -> None:
        self.whole = whole

    def field(self, label: str) -> Locator:
        """The field of that label."""
        return self.whole.get_by_role("textbox", name=label)

    def button(self, name: str) -> Locator:
        """A button of the dialog."""
        return self.whole.get_by_role("button", name=name, exact=True)

    def submit(self, verb: str) -> None:
        """Press the button that does it; it is done once the dialog is gone."""
        self.button(verb).click()
        expect(self.whole).to_be_hidden()
