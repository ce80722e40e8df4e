package flowstate.capture.publish;

import org.jspecify.annotations.Nullable;

/**
 * Kafka does not take what the agent has to publish. The message is one line for a person: which broker, why, and what
 * to do.
 */
public final class PublishException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient @Nullable CaptureAccount account;

    PublishException(String message, @Nullable Throwable cause) {
        this(message, cause, null);
    }

    PublishException(String message, @Nullable Throwable cause, @Nullable CaptureAccount account) {
        super(message, cause);
        this.account = account;
    }

    /** What became of the packets until then; null if no capture had begun. */
    public @Nullable CaptureAccount account() {
        return account;
    }
}
