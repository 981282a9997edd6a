"""Events files in every known form, to `AnalyticsEvents`."""
