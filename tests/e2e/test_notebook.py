"""The notebook runs as it stands, and says again what it says in the repository.

After a change that is meant: python -m tests.e2e.test_notebook writes its answers anew.
"""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "examples" / "ask-a-coalition.ipynb"


def executed() -> nbformat.NotebookNode:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def answers(notebook: nbformat.NotebookNode) -> list[str]:
    told = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            told.append(output.get("text") or data.get("text/plain", ""))
    return told


@pytest.mark.filterwarnings("default")
def test_the_notebook_says_what_it_said():
    kept = answers(nbformat.read(NOTEBOOK, as_version=4))
    assert len(kept) >= 9
    assert answers(executed()) == kept


if __name__ == "__main__":
    nbformat.write(executed(), NOTEBOOK)
