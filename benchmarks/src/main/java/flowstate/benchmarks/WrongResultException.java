package flowstate.benchmarks;

/** What was measured was not right, or did not come to its end; the message is one line for a person. */
final class WrongResultException extends Exception {
    private static final long serialVersionUID = 1;

    WrongResultException(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
