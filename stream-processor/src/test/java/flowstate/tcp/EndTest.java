package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndTest {
    /** No window allows a SYN or RST so far from the rest. */
    private static final int TOO_FAR = 1 << 20;

    private final End end = new End();
    private final End peer = new End();

    /** Joined midstream at number 1001, of which 100 octets were seen in a row; 50 of them are acknowledged. */
    private void joined() {
        end.baseFromFirst(1001);
        end.highest = 101;
        end.acked = 51;
        end.spans.add(1, 101);
        end.delivered.add(1, 101);
        end.rightEdge = 500;
        end.doubted = 900;
        end.doubtedFinAck = 7;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0",
        "0, 100, -1, -1",
        "-3, 0, 2, 5",
        "-3, 10, -4, -1",
        "0, 6000000000, 1705032704, 6000000000",
        "0, 6000000000, 1705032703, 5999999999",
        "0, 100, -2147483548, -2147483548"
    })
    void aNumbersPositionIsTheOneNearestToTheHighest(int base, long highest, int number, long position) {
        end.base = base;
        end.highest = highest;
        assertThat(end.position(number)).isEqualTo(position);
    }

    @Test
    void aSynThatComesLateMovesWhatWasInferred() {
        joined();
        end.fin = true;
        end.finEnd = 101;
        end.acknowledgedAlone(30, 60);
        peer.fin = true;
        peer.finAck = 80;
        peer.acknowledgedAlone(90, 20);

        end.baseFromSyn(990, peer);

        assertThat(end.base).isEqualTo(990);
        assertThat(end.highest)
                .as("10 octets lie before the first that was seen")
                .isEqualTo(111);
        assertThat(end.acked).isEqualTo(61);
        assertThat(end.spans.contiguous).isEqualTo(111);
        assertThat(end.delivered.contiguous).isEqualTo(111);
        assertThat(end.finEnd).isEqualTo(111);
        assertThat(end.aloneAck).as("in the peer's space").isEqualTo(30);
        assertThat(end.aloneAt).isEqualTo(70);
        assertThat(peer.finAck).isEqualTo(90);
        assertThat(peer.aloneAck).isEqualTo(100);
        assertThat(peer.aloneAt).as("in its own space").isEqualTo(20);
        assertThat(end.rightEdge).isEqualTo(-1);
        assertThat(end.doubted).isEqualTo(-1);
        assertThat(end.doubtedFinAck).isEqualTo(-1);
    }

    @Test
    void whatIsNotThereDoesNotMove() {
        joined();
        end.finEnd = 3;
        end.aloneAt = 4;
        peer.finAck = -1;
        peer.fin = true;
        end.baseFromSyn(990, peer);
        assertThat(end.finEnd).isEqualTo(3);
        assertThat(end.aloneAt).isEqualTo(4);
        assertThat(peer.finAck).as("it acknowledged nothing").isEqualTo(-1);
        assertThat(peer.aloneAck).isZero();

        End another = new End();
        another.baseFromFirst(1001);
        peer.fin = false;
        peer.finAck = 5;
        another.baseFromSyn(990, peer);
        assertThat(peer.finAck).as("it has sent no FIN").isEqualTo(5);
    }

    @Test
    void aFinThatAcknowledgedJustTheBaseMoves() {
        joined();
        peer.fin = true;
        peer.finAck = 0;
        end.baseFromSyn(990, peer);
        assertThat(peer.finAck).isEqualTo(10);
    }

    @Test
    void nothingLiesBeforeTheSyn() {
        joined();
        peer.acknowledgedAlone(40, 20);
        end.baseFromSyn(1060, peer);
        assertThat(end.highest).isEqualTo(41);
        assertThat(end.acked).isZero();
        assertThat(end.spans.contiguous).isEqualTo(41);
        assertThat(peer.aloneAck).as("acknowledged before it was sent: nothing").isZero();
        assertThat(peer.aloneAt).isZero();
    }

    @Test
    void aSynWithTheNumberThatWasInferredChangesNothing() {
        joined();
        end.baseFromSyn(1000, peer);
        assertThat(end.highest).isEqualTo(101);
        assertThat(end.rightEdge).isEqualTo(500);
        assertThat(end.doubted).isEqualTo(900);
    }

    @ParameterizedTest
    @CsvSource({"1048575, true", "1048576, false", "-1048576, false"})
    void aSynFarFromWhatWasSeenBeginsAnew(int shift, boolean moves) {
        joined();
        end.baseFromSyn(1000 - shift, peer);
        assertThat(end.base).isEqualTo(1000 - shift);
        assertThat(end.highest).isEqualTo(moves ? 101 + shift : 0);
        assertThat(end.acked).isEqualTo(moves ? 51 + shift : 0);
        assertThat(end.spans.contiguous).isEqualTo(moves ? 101 + shift : 0);
        assertThat(end.delivered.contiguous).isEqualTo(moves ? 101 + shift : 0);
    }

    @Test
    void anotherSynMakesVoidWhatFollowedFromTheFirst() {
        joined();
        end.syn = true;
        peer.fin = true;
        peer.finAck = 80;
        end.baseFromSyn(990, peer);
        assertThat(end.highest).isZero();
        assertThat(end.acked).isZero();
        assertThat(end.spans.contiguous).isZero();
        assertThat(end.delivered.contiguous).isZero();
        assertThat(peer.finAck).isEqualTo(80);
    }

    @ParameterizedTest
    @CsvSource({"4901, 101", "5001, 1", "5101, 1", "-1043575, 1", "-1043574, 1048576"})
    void whatWasAcknowledgedBeforeTheFirstSegmentMovesAlong(int first, long acked) {
        end.baseFromFirst(5001);
        end.baseFromFirst(first);
        assertThat(end.position(first)).isEqualTo(1);
        assertThat(end.acked).isEqualTo(acked);
        assertThat(end.highest).isEqualTo(1);
        assertThat(end.spans.contiguous).isEqualTo(1);
        assertThat(end.delivered.contiguous).isEqualTo(1);
    }

    private static Segment segment(int flags, int payload) {
        return new Segment(1, 1, true, 1, 1, flags, 100, payload, 40, -1, -1, false, -1, -1, 0, -1, 0);
    }

    @Test
    void whatItSendsGrowsTheHighest() {
        end.sent(0, segment(Flags.SYN, 0));
        end.sent(1, segment(Flags.ACK, 100));
        end.sent(1, segment(Flags.ACK, 50));
        assertThat(end.highest).isEqualTo(101);
        assertThat(end.spans.contiguous).isEqualTo(101);
        end.sent(101, segment(Flags.FIN | Flags.ACK, 10));
        assertThat(end.highest).isEqualTo(112);
    }

    @ParameterizedTest
    @CsvSource({"2, 1048675, true", "2, 1048676, false", "16, 1048677, true"})
    void aSynTooFarAwaySaysNothingOfWhatWasSent(int flags, long start, boolean believed) {
        end.highest = 100;
        end.sent(start, segment(flags, 0));
        assertThat(end.highest).isEqualTo(believed ? start + (flags == Flags.SYN ? 1 : 0) : 100);
    }

    @Test
    void aSynTooFarBehindSaysNothingEither() {
        end.highest = 2 * TOO_FAR;
        end.spans.contiguous = 1;
        end.sent(1, segment(Flags.SYN, 1));
        assertThat(end.spans.contiguous).isEqualTo(1);
    }

    @Test
    void afterItsRstNothingGrows() {
        end.highest = 100;
        end.rst = true;
        end.sent(100, segment(Flags.ACK, 50));
        assertThat(end.highest).isEqualTo(100);
        end.rstRefuted = true;
        end.sent(100, segment(Flags.ACK, 50));
        assertThat(end.highest).isEqualTo(150);
    }

    @ParameterizedTest
    @CsvSource({
        "false, 101, 1, false, 0",
        "true, 101, 1, false, 100",
        "true, 1, 101, false, 100",
        "true, 102, 1, true, 100",
        "true, 1, 1, false, 0",
        "true, 0, 0, false, 0"
    })
    void itsPayloadIsNeitherSynNorFin(boolean seen, long highest, long acked, boolean fin, long bytes) {
        end.seen = seen;
        end.highest = highest;
        end.acked = acked;
        end.fin = fin;
        assertThat(end.bytes()).isEqualTo(bytes);
        assertThat(end.unacknowledged()).isEqualTo(Math.max(0, highest - acked));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 5,  false",
        "5,  -1, false",
        "5,  5,  false",
        "5,  4,  true",
        "1,  0,  true",
        "0,  4294967295, true", // modulo 2^32
        "4294967295, 0, false"
    })
    void anOlderTimestampWasSentBefore(long newest, long stamp, boolean before) {
        end.timestamp = newest;
        Segment s = new Segment(1, 1, true, 1, 1, Flags.ACK, 9, 0, 40, -1, -1, false, stamp, -1, 0, -1, 0);
        assertThat(end.stampedBefore(s)).isEqualTo(before);
    }

    /** Once both have closed, a RST is an answer to what comes late, unless it shows that it had not the peer's FIN. */
    @ParameterizedTest
    @CsvSource({"-1, false", "0, true", "76, true", "77, false", "78, false"})
    void aRstAfterBothFinsAbortsIfItDidNotHaveThePeers(long rstAck, boolean aborted) {
        end.rst = true;
        end.fin = true;
        end.rstAck = rstAck;
        peer.finEnd = 77;
        assertThat(end.hasAborted(peer)).as("the peer is open").isTrue();
        peer.fin = true;
        assertThat(end.hasAborted(peer)).isEqualTo(aborted);
        end.fin = false;
        assertThat(end.hasAborted(peer)).isTrue();
        end.rst = false;
        assertThat(end.hasAborted(peer)).isFalse();
    }

    @Test
    void theFurthestAcknowledgementCountsAndTheLeastPlaceOfIt() {
        end.acknowledgedAlone(10, 50);
        end.acknowledgedAlone(10, 40);
        end.acknowledgedAlone(10, 45);
        assertThat(end.aloneAck).isEqualTo(10);
        assertThat(end.aloneAt).isEqualTo(40);
        end.acknowledgedAlone(11, 60);
        end.acknowledgedAlone(9, 5);
        assertThat(end.aloneAck).isEqualTo(11);
        assertThat(end.aloneAt).isEqualTo(60);
    }

    @ParameterizedTest
    @CsvSource({"20, 9, true", "19, 9, false", "20, 10, false"})
    void itAcknowledgedThePeersFinBeforeItsOwn(long aloneAck, long aloneAt, boolean before) {
        end.fin = true;
        end.finEnd = 10;
        peer.fin = true;
        peer.finEnd = 20;
        end.aloneAck = aloneAck;
        end.aloneAt = aloneAt;
        assertThat(end.acknowledgedBeforeFin(peer)).isEqualTo(before);
        peer.fin = false;
        assertThat(end.acknowledgedBeforeFin(peer)).isFalse();
        peer.fin = true;
        end.fin = false;
        assertThat(end.acknowledgedBeforeFin(peer)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"20, true", "19, false", "-1, false"})
    void itsFinCoversThatOfThePeer(long finAck, boolean covers) {
        end.fin = true;
        end.finAck = finAck;
        peer.fin = true;
        peer.finEnd = 20;
        assertThat(end.finCovers(peer)).isEqualTo(covers);
        peer.fin = false;
        assertThat(end.finCovers(peer)).isFalse();
        peer.fin = true;
        end.fin = false;
        assertThat(end.finCovers(peer)).isFalse();
    }
}
