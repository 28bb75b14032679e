"""Wire messages of /apis/wherry/v1: what the pages of the web UI show, one answer per page.

Unlike KFP's messages these leave nothing out: every field is sent, what there is none of is null. Times and durations
are integers of microseconds (times since 1970-01-01T00:00:00Z); ids are text.
"""
