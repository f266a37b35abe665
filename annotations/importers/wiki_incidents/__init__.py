"""Wikipedia's lists of terrorist incidents: weak labels from columns."""
