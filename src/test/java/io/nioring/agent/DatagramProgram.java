package io.nioring.agent;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** Uses one packet for a short datagram and a longer one, with the length in between set anew. */
final class DatagramProgram {

  private DatagramProgram() {}

  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (DatagramSocket receiver = new DatagramSocket(0, loopback);
        DatagramSocket sender = new DatagramSocket(0, loopback)) {
      DatagramPacket packet = new DatagramPacket(new byte[10], 10);
      for (int length : new int[] {2, 5}) {
        sender.send(
            new DatagramPacket(new byte[length], length, loopback, receiver.getLocalPort()));
        receiver.receive(packet);
        System.out.println(packet.getLength());
        packet.setLength(packet.getLength());
      }
    }
  }
}
