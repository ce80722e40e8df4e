package flowstate.schema;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Community ID version 1 of a TCP connection: the name that Zeek, Suricata, Arkime and others give the same flow.
 *
 * <p>Source: github.com/corelight/community-id-spec. SHA-1 over seed, low and high address, protocol, a zero octet, low
 * and high port, all in network order; Base64 with the prefix {@code 1:}. The seed is 0.
 */
public final class CommunityId {
    private static final ThreadLocal<MessageDigest> SHA1 = ThreadLocal.withInitial(CommunityId::sha1);
    private static final byte PROTOCOL_TCP = 6;

    private CommunityId() {}

    /** The id of a connection; its scope does not matter. */
    public static String of(ConnectionKey key) {
        MessageDigest sha1 = SHA1.get();
        sha1.update(new byte[] {0, 0});
        sha1.update(key.lowAddress());
        sha1.update(key.highAddress());
        int low = key.lowPort();
        int high = key.highPort();
        sha1.update(new byte[] {PROTOCOL_TCP, 0, (byte) (low >> 8), (byte) low, (byte) (high >> 8), (byte) high});
        return "1:" + Base64.getEncoder().encodeToString(sha1.digest());
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
