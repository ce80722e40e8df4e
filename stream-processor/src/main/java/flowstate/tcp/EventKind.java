package flowstate.tcp;

/** What happened to a connection. All but {@link #ENDED} come at once when the state changes. */
public enum EventKind {
    OPENING,
    ESTABLISHED,
    HALF_CLOSED,
    /** Both FINs are out and neither acknowledges the other (RFC 9293 figure 13). */
    CLOSING,
    CLOSED,
    RESET,
    REJECTED,
    TIMED_OUT,
    /** The end that a RST seemed to come from carries on. */
    RESUMED,
    PERIODIC,
    /** The tracker lets go: the settled record, once per connection. */
    ENDED
}
