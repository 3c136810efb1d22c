package io.nioring.internal.datagram;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

@SuppressWarnings("AddressSelection") // a literal, not a name
class PacketRoomsTest {
  private static final InetSocketAddress SOURCE = new InetSocketAddress("127.0.0.1", 7);

  private final PacketRooms rooms = new PacketRooms();

  private void fill(DatagramPacket packet, int bytes) {
    rooms.fill(packet, new byte[bytes], bytes, SOURCE);
  }

  @Test
  void aShortPacketLeavesTheRoom() {
    DatagramPacket packet = new DatagramPacket(new byte[10], 8);
    fill(packet, 2);
    assertThat(packet.getLength()).isEqualTo(2);
    fill(packet, 20);
    assertThat(packet.getLength()).isEqualTo(8);
    assertThat(packet.getSocketAddress()).isEqualTo(SOURCE);
  }

  @Test
  void aRoomThatTheUserSetsCounts() {
    DatagramPacket packet = new DatagramPacket(new byte[10], 8);
    fill(packet, 2);
    packet.setLength(5);
    fill(packet, 20);
    assertThat(packet.getLength()).isEqualTo(5);
    packet.setData(new byte[30]);
    fill(packet, 20);
    assertThat(packet.getLength()).isEqualTo(20);
  }

  @Test
  void theOffsetIsKept() {
    byte[] array = new byte[10];
    DatagramPacket packet = new DatagramPacket(array, 4, 6);
    rooms.fill(packet, new byte[] {1, 2, 3}, 3, SOURCE);
    assertThat(array).containsExactly(0, 0, 0, 0, 1, 2, 3, 0, 0, 0);
  }

  @Test
  void withoutTheAgentTheRoomsAreRemembered() {
    assertThat(rooms.isExact()).isFalse();
  }
}
