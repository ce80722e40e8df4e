package flowstate.program;

import java.io.IOException;

/** No broker answers, or not all of them that are needed: they may do so later. The message is one line for a person. */
public final class NoBrokerException extends IOException {
    private static final long serialVersionUID = 1;

    NoBrokerException(String message, Throwable cause) {
        super(message, cause);
    }
}
