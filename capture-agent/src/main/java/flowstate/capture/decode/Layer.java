package flowstate.capture.decode;

/** What the next octets of a packet are. */
enum Layer {
    ETHERNET,
    /** An EtherType field and what follows it. */
    ETHERTYPE,
    /** IEEE 802.2 LLC, mostly with SNAP. */
    LLC,
    /** PPP in HDLC-like framing or without it, or Cisco HDLC. */
    PPP,
    PPPOE,
    /** IPv4 or IPv6 by the version field. */
    IP,
    IPV4,
    IPV6,
    GRE,
    UDP,
    TCP,
    /** Nothing: the packet is decoded, or {@link Cursor#reason} says why it is not. */
    NONE
}
