"""Searches over the settings of an experiment: many trainings, one report, one config to ship."""
