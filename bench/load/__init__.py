"""Load tests of a served API: what is asked, who asks it, and what came back."""
