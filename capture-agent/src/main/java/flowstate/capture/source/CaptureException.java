package flowstate.capture.source;

/**
 * A capture cannot be opened, or breaks off. The message is one line for a person: which file, what is wrong with it,
 * with the value, and what to do.
 */
public final class CaptureException extends Exception {
    private static final long serialVersionUID = 1;

    public CaptureException(String message) {
        super(message);
    }

    public CaptureException(String message, Throwable cause) {
        super(message, cause);
    }
}
