/**
 * Names for invented people: common family names and given names by generation, each as kanji, katakana and romaji (Hepburn without
 * long marks, as in passports). Any likeness to a living person is chance.
 */

export interface NamePart {
  readonly kanji: string;
  readonly kana: string;
  readonly romaji: string;
}

/** Reads `kanji カナ romaji` triples, separated by commas. */
function parts(text: string): readonly NamePart[] {
  return text.split(',').map((triple) => {
    const [kanji, kana, romaji] = triple.trim().split(' ') as [string, string, string];
    return { kanji, kana, romaji };
  });
}

export const familyNames = parts(`
  佐藤 サトウ sato, 鈴木 スズキ suzuki, 高橋 タカハシ takahashi, 田中 タナカ tanaka, 伊藤 イトウ ito, 渡辺 ワタナベ watanabe,
  山本 ヤマモト yamamoto, 中村 ナカムラ nakamura, 小林 コバヤシ kobayashi, 加藤 カトウ kato, 吉田 ヨシダ yoshida, 山田 ヤマダ yamada,
  佐々木 ササキ sasaki, 山口 ヤマグチ yamaguchi, 松本 マツモト matsumoto, 井上 イノウエ inoue, 木村 キムラ kimura, 林 ハヤシ hayashi,
  斎藤 サイトウ saito, 清水 シミズ shimizu, 山崎 ヤマザキ yamazaki, 森 モリ mori, 池田 イケダ ikeda, 橋本 ハシモト hashimoto,
  阿部 アベ abe, 石川 イシカワ ishikawa, 山下 ヤマシタ yamashita, 中島 ナカジマ nakajima, 石井 イシイ ishii, 小川 オガワ ogawa,
  前田 マエダ maeda, 岡田 オカダ okada, 長谷川 ハセガワ hasegawa, 藤田 フジタ fujita, 後藤 ゴトウ goto, 近藤 コンドウ kondo,
  村上 ムラカミ murakami, 遠藤 エンドウ endo, 青木 アオキ aoki, 坂本 サカモト sakamoto, 福田 フクダ fukuda, 太田 オオタ ota,
  西村 ニシムラ nishimura, 藤井 フジイ fujii, 岡本 オカモト okamoto, 金子 カネコ kaneko, 藤原 フジワラ fujiwara, 三浦 ミウラ miura,
  中野 ナカノ nakano, 原田 ハラダ harada, 松田 マツダ matsuda, 竹内 タケウチ takeuchi, 上田 ウエダ ueda, 和田 ワダ wada,
  磯部 イソベ isobe, 浜口 ハマグチ hamaguchi, 潮田 ウシオダ ushioda, 港 ミナト minato, 灘 ナダ nada, 沖 オキ oki`);

export interface Generation {
  /** Born in or after this year. */
  readonly fromYear: number;
  readonly female: readonly NamePart[];
  readonly male: readonly NamePart[];
}

/** Youngest first. */
export const generations: readonly Generation[] = [
  {
    fromYear: 2005,
    female:
      parts(`葵 アオイ aoi, 結衣 ユイ yui, 陽菜 ヒナ hina, 芽衣 メイ mei, 凛 リン rin, 咲良 サクラ sakura, 心春 コハル koharu,
      紬 ツムギ tsumugi, 莉子 リコ riko, 杏 アン an, 澪 ミオ mio, 美桜 ミオ mio, 楓 カエデ kaede, 詩 ウタ uta`),
    male: parts(`湊 ミナト minato, 蓮 レン ren, 陽翔 ハルト haruto, 蒼 アオ ao, 樹 イツキ itsuki, 悠真 ユウマ yuma, 大翔 ヒロト hiroto,
      律 リツ ritsu, 朝陽 アサヒ asahi, 颯太 ソウタ sota, 陸 リク riku, 伊織 イオリ iori, 暖 ダン dan, 結翔 ユイト yuito`),
  },
  {
    fromYear: 1980,
    female:
      parts(`遥 ハルカ haruka, 彩 アヤ aya, 麻衣 マイ mai, 愛 アイ ai, 美穂 ミホ miho, 千尋 チヒロ chihiro, 沙織 サオリ saori,
      香織 カオリ kaori, 舞 マイ mai, 優子 ユウコ yuko, 美咲 ミサキ misaki, 茜 アカネ akane, 奈々 ナナ nana, 由佳 ユカ yuka`),
    male: parts(`大輔 ダイスケ daisuke, 翔太 ショウタ shota, 拓也 タクヤ takuya, 健太 ケンタ kenta, 直樹 ナオキ naoki, 亮 リョウ ryo,
      達也 タツヤ tatsuya, 和也 カズヤ kazuya, 雄太 ユウタ yuta, 智也 トモヤ tomoya, 誠 マコト makoto, 翼 ツバサ tsubasa,
      慎一 シンイチ shinichi, 大樹 ダイキ daiki`),
  },
  {
    fromYear: 1955,
    female:
      parts(`由美子 ユミコ yumiko, 恵子 ケイコ keiko, 直美 ナオミ naomi, 真由美 マユミ mayumi, 久美子 クミコ kumiko,
      裕子 ユウコ yuko, 智子 トモコ tomoko, 明美 アケミ akemi, 陽子 ヨウコ yoko, 京子 キョウコ kyoko, 幸子 サチコ sachiko,
      典子 ノリコ noriko, 洋子 ヨウコ yoko, 美智子 ミチコ michiko`),
    male: parts(`誠 マコト makoto, 浩 ヒロシ hiroshi, 隆 タカシ takashi, 修 オサム osamu, 博 ヒロシ hiroshi, 健一 ケンイチ kenichi,
      浩二 コウジ koji, 豊 ユタカ yutaka, 学 マナブ manabu, 茂 シゲル shigeru, 和彦 カズヒコ kazuhiko, 英樹 ヒデキ hideki,
      正明 マサアキ masaaki, 哲也 テツヤ tetsuya`),
  },
  {
    fromYear: 1900,
    female:
      parts(`文子 フミコ fumiko, 和子 カズコ kazuko, 節子 セツコ setsuko, 千代 チヨ chiyo, 光子 ミツコ mitsuko, 静江 シズエ shizue,
      ハル ハル haru, 芳子 ヨシコ yoshiko, 敏子 トシコ toshiko, 八重 ヤエ yae, キミ キミ kimi, 信子 ノブコ nobuko`),
    male: parts(`健一 ケンイチ kenichi, 清 キヨシ kiyoshi, 勇 イサム isamu, 正雄 マサオ masao, 三郎 サブロウ saburo, 進 ススム susumu,
      昭 アキラ akira, 弘 ヒロシ hiroshi, 勝 マサル masaru, 実 ミノル minoru, 武 タケシ takeshi, 義雄 ヨシオ yoshio`),
  },
];

/** Residents from abroad, as the register writes them. */
export const namesFromAbroad: readonly { family: NamePart; given: NamePart; sex: 'female' | 'male' }[] = [
  ['グエン nguyen', 'ティ・ラン lan', 'female'],
  ['グエン nguyen', 'ヴァン・ミン minh', 'male'],
  ['サントス santos', 'マリア maria', 'female'],
  ['シルヴァ silva', 'ペドロ pedro', 'male'],
  ['タパ thapa', 'スニタ sunita', 'female'],
  ['リム lim', 'ウェイ wei', 'male'],
  ['ミラー miller', 'エマ emma', 'female'],
  ['ウィラワン wirawan', 'ブディ budi', 'male'],
].map(([family, given, sex]) => {
  const read = (text: string): NamePart => {
    const [kana, romaji] = text.split(' ') as [string, string];
    return { kanji: kana, kana, romaji };
  };
  return { family: read(family!), given: read(given!), sex: sex as 'female' | 'male' };
});
