package flowstate.capture.publish;

import flowstate.schema.ConnectionKey;

/** Which connections are not to be published: those by which this host's agents publish. */
public interface Exclusion {
    /** Nothing is excluded: captures of the past hold no traffic of this agent. */
    Exclusion NOTHING = new Exclusion() {
        @Override
        public int version() {
            return 0;
        }

        @Override
        public long looks() {
            return 0;
        }

        @Override
        public void look(boolean atOnce) {
            // there is nothing to see
        }

        @Override
        public boolean excludes(ConnectionKey connection) {
            return false;
        }
    };

    /** A number that is another one when {@link #excludes} may answer otherwise than before; cheap. */
    int version();

    /** How often it was looked; what existed before a look is known after it. */
    long looks();

    /** Looks again; not if that was done a moment ago, unless it must be at once. */
    void look(boolean atOnce);

    /** Whether a connection is not to be published, as far as is known. */
    boolean excludes(ConnectionKey connection);
}
