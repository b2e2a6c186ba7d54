"""Telling the page that the model is loaded, or cannot be."""

import gradio as gr

from clinicalblip.web.events.event_group import EventGroup
from clinicalblip.web.loading import LoadingReporter
from clinicalblip.web.view import html
from clinicalblip.web.view.layout import model_strip
from clinicalblip.web.view.updates import Updates


class ModelEvents(EventGroup):
    """Looks once a second whether the model is there, until it is."""

    def bind(self, page: gr.Blocks) -> None:
        """Bind the handler; a page that is opened later is told at once."""
        strip = self.components.strip
        shown = [strip.text, strip.timer, self.components.message]
        for listener in (page.load, strip.timer.tick):
            self.bind_handler(listener, self.show, None, shown)

    def show(self, _request: gr.Request) -> Updates:
        """Say which model writes, or that it is still being loaded, or why it cannot be."""
        strip, reporter = self.components.strip, self.app.reporter
        if isinstance(reporter, LoadingReporter) and reporter.failure:
            return {self.components.message: html.message(reporter.failure), strip.timer: gr.Timer(active=False)}
        if isinstance(reporter, LoadingReporter) and not reporter.is_ready:
            return {strip.text: gr.skip()}
        return {strip.text: model_strip(self.app, strip.storage_notice), strip.timer: gr.Timer(active=False)}
