"""Path and cut sets, importance, reliability, allocation; numpy inside."""
