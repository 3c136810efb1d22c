package io.nioring.simulation;

import io.nioring.internal.datagram.Datagram;
import io.nioring.internal.datagram.DatagramInbox;
import io.nioring.internal.datagram.LocalTarget;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/** A datagram from its sending until it has arrived at one host. Guarded by the world's lock. */
final class DatagramOnWay {
  private final LocalTarget target;
  private final SimulatedTarget.Sender sender;
  private final byte[] bytes;
  private final boolean isToOne;

  /** Which one of its flow it is, counted from 1. */
  int number;

  /**
   * Makes one.
   *
   * @param isToOne whether its sender gets an error if there is no receiver
   */
  DatagramOnWay(LocalTarget target, SimulatedTarget.Sender sender, byte[] bytes, boolean isToOne) {
    this.target = target;
    this.sender = sender;
    this.bytes = bytes;
    this.isToOne = isToOne;
  }

  /** A duplicate, under the same number. */
  DatagramOnWay copy() {
    DatagramOnWay copy = new DatagramOnWay(target, sender, bytes, isToOne);
    copy.number = number;
    return copy;
  }

  InetSocketAddress source() {
    return target.source();
  }

  InetSocketAddress destination() {
    return target.address();
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return bytes.length;
  }

  /** Whether the sender accepts an error that says that there is no receiver. */
  boolean wantsAnswer() {
    return isToOne && sender.name().peer() != null;
  }

  /** Tells the sender that there is no receiver; without the lock. */
  void unreachable() {
    sender.unreachable();
  }

  /**
   * Delivers it to the receivers that exist.
   *
   * @param reached collects each inbox, whose waiters are to be woken without the lock
   * @return whether there was anybody
   */
  boolean deliver(Consumer<DatagramInbox> reached) {
    List<DatagramInbox> receivers = target.receivers();
    for (DatagramInbox each : receivers) {
      each.offer(new Datagram(source(), bytes));
      reached.accept(each);
    }
    return !receivers.isEmpty();
  }
}
