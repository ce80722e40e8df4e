package flowstate.standalone;

/** Whoever read the events has gone, as {@code head} does when it has enough: not an error, but the end. */
final class OutputClosedException extends Exception {
    private static final long serialVersionUID = 1;

    OutputClosedException(Throwable cause) {
        super("the reader of the events has gone", cause);
    }
}
