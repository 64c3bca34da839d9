"""Places: administrative units over time, zones (market, street, centre) with their phases, stalls of a floor plan."""
