package flowstate.capture.decode;

/** What may stand between two IP headers. */
enum TunnelKind {
    /** Nothing: one is the other's payload (RFC 2003, RFC 2473, RFC 4213); what that is called, the versions tell. */
    IP,
    /** By its key, if it has one. */
    GRE,
    /** By the call id. */
    PPTP,
    /** Mirrored frames, by the session's id. */
    ERSPAN,
    /** By the network identifier, as is Geneve. */
    VXLAN,
    GENEVE,
    /** By the tunnel endpoint identifier, which is another one in each direction. */
    GTPU,
    TEREDO,
    AYIYA
}
