"""Somebody at the page: Chromium, driven by what a reader sees and presses."""

from pathlib import Path

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from served_page import until

from clinicalblip.web import wording


class Reader:
    """Somebody at the page."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        browser.get(url)
        assert until(lambda: browser.find_elements(By.CSS_SELECTOR, "#film-frontal"))
        assert until(lambda: browser.execute_script("return Boolean(window.clinicalblip)"))

    def text(self, part: str) -> str:
        """What stands in a part of the page."""
        return str(self.browser.find_element(By.ID, part).text)

    def box(self, part: str) -> str:
        """What stands in a text box."""
        return str(self.browser.find_element(By.CSS_SELECTOR, f"#{part} textarea, #{part} input").get_property("value"))

    def type(self, part: str, text: str) -> None:
        """Type at the end of a text box."""
        box = self.browser.find_element(By.CSS_SELECTOR, f"#{part} textarea, #{part} input[type=text]")
        box.send_keys(Keys.CONTROL, Keys.END)
        box.send_keys(text)

    def replace(self, part: str, text: str) -> None:
        """Paste a text over what stands in a box."""
        self.browser.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.browser.find_element(By.CSS_SELECTOR, f"#{part} textarea"),
            text,
        )

    def press(self, part: str) -> None:
        """Press a button."""
        self.browser.find_element(By.ID, part).click()

    def upload(self, file: Path, slot: str = "frontal") -> None:
        """Choose a file for a film, and wait until it is shown or refused."""
        self.browser.find_element(By.ID, f"film-{slot}").send_keys(str(file))
        assert until(lambda: not self.browser.find_elements(By.CSS_SELECTOR, ".cb-reading"))

    def answer(self, answer: str) -> None:
        """Answer a question about a film, once it is asked, and wait until it is taken."""
        assert until(lambda: self.browser.find_elements(By.CSS_SELECTOR, f".cb-answer-{answer}"))
        self.browser.find_element(By.CSS_SELECTOR, f".cb-answer-{answer}").click()
        assert until(lambda: not self.browser.find_elements(By.CSS_SELECTOR, f".cb-answer-{answer}, .cb-looking"))

    def choose(self, what: str, value: str) -> None:
        """Choose a window (`offered`) or a view (`view`) for the film."""
        Select(self.browser.find_element(By.CSS_SELECTOR, f".cb-{what} select")).select_by_value(value)

    def grey(self, down: float = 0.5, across: float = 0.5) -> int:
        """A grey of the canvas, at parts of its height and width."""
        script = (
            "const [canvas, y, x] = [document.querySelector('.cb-screen canvas'), ...arguments];"
            "return canvas.getContext('2d').getImageData(canvas.width * x, canvas.height * y, 1, 1).data[0]"
        )
        return int(self.browser.execute_script(script, down, across))

    def shown(self) -> str:
        """What the viewer says of the film."""
        return str(self.browser.find_element(By.CSS_SELECTOR, ".cb-caption").text)

    def draft(self) -> None:
        """Draft, and wait for the end: of this draft, and not of one whose end is still told."""
        self.browser.execute_script(
            "const status = document.getElementById('status'); window.told = '';"
            "new MutationObserver(() => { window.told = status.innerText }).observe(status, "
            "{subtree: true, childList: true, characterData: true})"
        )
        self.press("draft")
        told = "return window.told.trim()"
        assert until(lambda: self.browser.execute_script(told).startswith(("Drafted", "Stopped")), seconds=60)

    def rate(self, overall: int, verdict: str) -> None:
        """Choose both ratings."""
        self.browser.find_element(By.CSS_SELECTOR, f"#overall label:nth-of-type({overall})").click()
        for label in self.browser.find_elements(By.CSS_SELECTOR, "#verdict label"):
            if label.text.strip() == wording.VERDICT_CHOICES[verdict]:
                label.click()

    def errors(self) -> list[str]:
        """What the browser complained about."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
