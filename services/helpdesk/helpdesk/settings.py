"""Helpdesk is told nothing by its environment beyond what every service is: the chassis reads that."""
