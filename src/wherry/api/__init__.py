"""Wire messages of /apis/v2beta1, shared by server and client: names, shapes and the JSON dialect of KFP."""
