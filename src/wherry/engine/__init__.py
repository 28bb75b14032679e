"""Runs pipelines. Decisions are pure (plan, schedule, driver, fingerprint); effects are in loop. Start at schedule."""
