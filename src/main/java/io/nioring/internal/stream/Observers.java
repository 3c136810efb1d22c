package io.nioring.internal.stream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;

/** Several observers of one network, notified in the order in which they were added. Immutable. */
final class Observers implements Observer {
  private final Observer[] all;

  private Observers(Observer... all) {
    this.all = all;
  }

  /** The combination with one more observer; null stands for none. */
  static Observer with(Observer present, Observer added) {
    if (present == null) {
      return added;
    }
    if (!(present instanceof Observers several)) {
      return new Observers(present, added);
    }
    Observer[] more = Arrays.copyOf(several.all, several.all.length + 1);
    more[several.all.length] = added;
    return new Observers(more);
  }

  /** The combination without an observer; null if that leaves none. */
  static Observer without(Observer present, Observer removed) {
    if (present == removed) {
      return null;
    }
    if (!(present instanceof Observers several)) {
      return present;
    }
    Observer[] left =
        Arrays.stream(several.all).filter(each -> each != removed).toArray(Observer[]::new);
    return left.length == 1 ? left[0] : new Observers(left);
  }

  /** {@inheritDoc} One attempt for each observer, in their order. */
  @Override
  public Object connecting(SocketAddress remote) {
    Object[] attempts = new Object[all.length];
    for (int i = 0; i < all.length; i++) {
      attempts[i] = all[i].connecting(remote);
    }
    return new Attempts(this, attempts);
  }

  /** {@inheritDoc} An attempt of other observers is ignored. */
  @Override
  public void connectEnded(Object attempt, Endpoint end, SocketAddress remote, Outcome outcome) {
    boolean ours = attempt instanceof Attempts attempts && attempts.of == this;
    for (int i = 0; i < all.length; i++) {
      all[i].connectEnded(ours ? ((Attempts) attempt).each[i] : null, end, remote, outcome);
    }
  }

  @Override
  public void connected(Endpoint client, Endpoint server) {
    for (Observer each : all) {
      each.connected(client, server);
    }
  }

  @Override
  public void refused(SocketAddress client, SocketAddress server, IOException reason) {
    for (Observer each : all) {
      each.refused(client, server, reason);
    }
  }

  @Override
  public void accepted(Endpoint server, int backlog) {
    for (Observer each : all) {
      each.accepted(server, backlog);
    }
  }

  @Override
  public void backlogFull(SocketAddress listener, int backlog) {
    for (Observer each : all) {
      each.backlogFull(listener, backlog);
    }
  }

  @Override
  public void fault(String fault, Endpoint client, long offset, long seed) {
    for (Observer each : all) {
      each.fault(fault, client, offset, seed);
    }
  }

  @Override
  public void datagramSent(InetSocketAddress from, InetSocketAddress to, byte[] payload) {
    for (Observer each : all) {
      each.datagramSent(from, to, payload);
    }
  }

  @Override
  public void datagramArriving(
      String host, InetSocketAddress from, InetSocketAddress to, byte[] payload) {
    for (Observer each : all) {
      each.datagramArriving(host, from, to, payload);
    }
  }

  @Override
  public void networkClosed() {
    networkClosed(0);
  }

  /** Also if one of them throws, such as for want of memory, those behind it are notified. */
  private void networkClosed(int first) {
    if (first < all.length) {
      try {
        all[first].networkClosed();
      } finally {
        networkClosed(first + 1);
      }
    }
  }

  /** Each of those that an observer stands for; null stands for none. */
  static List<Observer> each(Observer present) {
    if (present instanceof Observers several) {
      return List.of(several.all);
    }
    return present == null ? List.of() : List.of(present);
  }

  /** The results of several observers for one connect. */
  private static final class Attempts {
    private final Observers of;
    private final Object[] each;

    private Attempts(Observers of, Object[] each) {
      this.of = of;
      this.each = each;
    }
  }
}
