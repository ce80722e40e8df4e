package flowstate.tcp;

/** What made the tracker emit an event. */
public enum Cause {
    SEGMENT,
    TIMER,
    END_OF_CAPTURE,
    OBSERVER_LOST
}
