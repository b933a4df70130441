"""What ``streamlit run`` runs: the chat page. ``nadeuri web`` starts it.

streamlit run app.py -- http://127.0.0.1:8000
"""

from __future__ import annotations

import sys

from nadeuri.web.api import GuideApi
from nadeuri.web.chat import show

if __name__ == "__main__":
    show(GuideApi(sys.argv[1]))
