package flowstate.tcp;

/** How much an anomaly matters by itself. */
public enum Severity {
    INFO,
    WARNING
}
