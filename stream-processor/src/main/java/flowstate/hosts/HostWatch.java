package flowstate.hosts;

import java.util.ArrayList;
import java.util.List;

/**
 * What is known of one host and what it is watched for.
 *
 * <p>Times decide, not the order of arrival. Attempts whose times are far apart are counted apart, in up to {@value #LANES}
 * lanes: an agent whose clock is off, or an old capture, does no harm to the others. One thread.
 */
public final class HostWatch {
    static final int LANES = 4;

    final List<Lane> lanes = new ArrayList<>(1);
    /** Under a session's key: a bit for each part of it that has nothing more. */
    long ended;

    /** Takes in an attempt; returns what is to be told, usually nothing. */
    public List<Notice> add(HostRules rules, HostKey key, Attempt attempt) {
        List<Notice> notices = new ArrayList<>(0);
        lane(rules, key, attempt, notices).add(rules, key.watch(), key.port(), attempt, notices);
        return notices;
    }

    private Lane lane(HostRules rules, HostKey key, Attempt attempt, List<Notice> notices) {
        long pane = Math.floorDiv(attempt.timeNs(), rules.paneNs());
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            if (lane.isNear(pane)) {
                // the one that was used last stands last
                if (i < lanes.size() - 1) {
                    lanes.add(lanes.remove(i));
                }
                return lane;
            }
        }
        if (lanes.size() == LANES) {
            lanes.remove(0).finish(key.watch(), key.port(), notices);
        }
        Lane added = new Lane(pane);
        lanes.add(added);
        return added;
    }

    /** A part of a session has nothing more; returns whether none of so many has. */
    public boolean end(int part, int of) {
        ended |= 1L << part;
        return Long.bitCount(ended) >= of;
    }

    /** Nothing more will come: what lasts, ends. */
    public List<Notice> finish(HostKey key) {
        List<Notice> notices = new ArrayList<>(0);
        lanes.forEach(lane -> lane.finish(key.watch(), key.port(), notices));
        return notices;
    }

    /** The other host, where all of the latest attempts were on one; empty otherwise. */
    public byte[] onlyPeer() {
        Lane latest = lanes.get(lanes.size() - 1);
        return latest.hosts.count() == 1 ? latest.peer : new byte[0];
    }
}
