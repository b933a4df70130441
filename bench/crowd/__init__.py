"""Parts of ``bench/worker_memory.py``: workers that share one limited memory."""
