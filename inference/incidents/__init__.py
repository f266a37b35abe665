"""Incidents: events of different articles that report one attack, merged."""

from inference.incidents.incident import Incident, Member, Mention, TollOverTime, TollReport
from inference.incidents.merging import merge
from inference.incidents.rows import incident_columns, to_rows

__all__ = ["Incident", "Member", "Mention", "TollOverTime", "TollReport", "incident_columns", "merge", "to_rows"]
