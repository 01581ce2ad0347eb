"""`portico new`: a micro-app with its BFF, tests and CI file, from templates."""
