"""What axe, the checker of accessibility rules, has to say of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def findings(page: Page) -> list[str]:
    """Return each grave finding as a line: the rule, what it asks, and where it is broken."""
    found = Axe().run(page).response["violations"]
    return [
        f"{it['id']}: {it['help']}: {', '.join(str(node['target']) for node in it['nodes'])}"
        for it in found
        if it["impact"] in GRAVE
    ]
