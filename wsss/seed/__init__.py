"""Seed generation: mappings, regularisations and schedules (paper, section 4)."""
