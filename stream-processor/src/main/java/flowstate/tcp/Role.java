package flowstate.tcp;

/** An end of the connection, or neither or both. */
public enum Role {
    NONE,
    ORIGINATOR,
    RESPONDER,
    BOTH
}
