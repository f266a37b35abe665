"""Places: which country, region and coordinates the places of a text have."""
