"""Pages for residents and traders: home, map, a trader's page, a zone's report card. Only what people agreed to."""
