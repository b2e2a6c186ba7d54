"""The one thread that owns the model: drafts share its steps, and everything else that runs it takes turns there.

`engine.py` has the thread and its order of work; `batch.py`, `language_model.py` and `slots.py` the drafts that are
written together; `token_choice.py` how each chooses its words; `study_tasks.py` what else is asked about a study;
`threads.py` how many threads torch may use. What is made of the tokens belongs into `reporter.py`.
"""
