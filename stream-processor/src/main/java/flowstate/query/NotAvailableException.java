package flowstate.query;

/** The answer cannot be had now, but later: partitions are moving, or an instance is away. The message is one line. */
public final class NotAvailableException extends Exception {
    public NotAvailableException(String message) {
        super(message);
    }

    public NotAvailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
