package flowstate.standalone;

/**
 * Something that ends a command. The message is one line for a person: what was wrong, with the value, and what to do.
 */
public final class StandaloneException extends Exception {
    private static final long serialVersionUID = 1;

    public StandaloneException(String message) {
        super(message);
    }

    public StandaloneException(String message, Throwable cause) {
        super(message, cause);
    }
}
