package io.nioring.consumer.datagrams;

import io.nioring.consumer.Loopback;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Section;

/** A name server on a plain socket, whose hosts are {@code 1.test} to {@code 255.test}. */
final class NameServer implements Closeable {
  private static final int LARGEST = 4_096;

  private final DatagramSocket socket =
      new DatagramSocket(new InetSocketAddress(Loopback.address(), 0));

  NameServer() throws IOException {
    Thread thread = new Thread(this::serve, "name-server");
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** The address of a host. */
  static InetAddress addressOf(int host) throws IOException {
    return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host});
  }

  private void serve() {
    DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
    try {
      while (true) {
        packet.setLength(LARGEST);
        socket.receive(packet);
        byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      return; // closed by the test
    }
  }

  private static byte[] answer(byte[] query) throws IOException {
    Message question = new Message(query);
    Name name = question.getQuestion().getName();
    Message answer = new Message(question.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.getHeader().setFlag(Flags.RA);
    answer.addRecord(question.getQuestion(), Section.QUESTION);
    answer.addRecord(
        new ARecord(name, DClass.IN, 60, addressOf(Integer.parseInt(name.getLabelString(0)))),
        Section.ANSWER);
    return answer.toWire();
  }

  @Override
  public void close() {
    socket.close();
  }
}
