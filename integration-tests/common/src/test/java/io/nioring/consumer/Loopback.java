package io.nioring.consumer;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * This machine's own address, of the family that the run is given: an IPv4 one for rings and an
 * IPv6 one in hybrid mode, or the other way round on a JDK that is tried beside the first.
 */
public final class Loopback {
  /** The address as text, as {@link InetAddress#getByName} and most libraries take it. */
  public static final String HOST = System.getProperty("consumer.loopback", "127.0.0.1");

  /** The same as the host of a URL. */
  public static final String URL_HOST = HOST.contains(":") ? "[" + HOST + "]" : HOST;

  private Loopback() {}

  /** The address. */
  public static InetAddress address() {
    try {
      return InetAddress.getByName(HOST);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("no address: " + HOST, e);
    }
  }
}
