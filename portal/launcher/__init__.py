"""Private services for demo and tests. Never used in production: DATABASE_URL-style settings are taken as they are."""
