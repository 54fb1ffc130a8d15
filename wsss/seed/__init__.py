"""Seeds: mappings, regularisations and schedules of the seed network's training, extraction, and the seed file."""
