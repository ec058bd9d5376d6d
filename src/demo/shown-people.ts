/**
 * The ten residents every demonstration begins with, in six households: a family with a girl of 17 and a boy of 9, a widower who lives
 * alone, a mother of 91 with her daughter, a woman from abroad, a student, and a man before retirement.
 */
import type { NamedHousehold } from './households.js';

const part = (kanji: string, kana: string, romaji: string) => ({ kanji, kana, romaji });

const sato = part('佐藤', 'サトウ', 'sato');
const takahashi = part('高橋', 'タカハシ', 'takahashi');

export const shownHouseholds: readonly NamedHousehold[] = [
  {
    composition: 'parents_and_children',
    language: 'ja',
    members: [
      { relation: '世帯主', sex: 'female', age: 43, family: sato, given: part('遥', 'ハルカ', 'haruka') },
      { relation: '夫', sex: 'male', age: 46, family: sato, given: part('大輔', 'ダイスケ', 'daisuke') },
      { relation: '子', sex: 'female', age: 17, family: sato, given: part('葵', 'アオイ', 'aoi') },
      { relation: '子', sex: 'male', age: 9, family: sato, given: part('湊', 'ミナト', 'minato') },
    ],
  },
  {
    composition: 'single',
    language: 'ja',
    members: [
      {
        relation: '世帯主',
        sex: 'male',
        age: 78,
        family: part('鈴木', 'スズキ', 'suzuki'),
        given: part('健一', 'ケンイチ', 'kenichi'),
      },
    ],
  },
  {
    composition: 'other',
    language: 'ja',
    members: [
      { relation: '世帯主', sex: 'female', age: 63, family: takahashi, given: part('由美子', 'ユミコ', 'yumiko') },
      { relation: '母', sex: 'female', age: 91, family: takahashi, given: part('文子', 'フミコ', 'fumiko') },
    ],
  },
  {
    composition: 'single',
    language: 'en',
    members: [
      {
        relation: '世帯主',
        sex: 'female',
        age: 31,
        family: part('グエン', 'グエン', 'nguyen'),
        given: part('ティ・ラン', 'ティ・ラン', 'lan'),
      },
    ],
  },
  {
    composition: 'single',
    language: 'ja',
    members: [
      {
        relation: '世帯主',
        sex: 'male',
        age: 24,
        family: part('田中', 'タナカ', 'tanaka'),
        given: part('蓮', 'レン', 'ren'),
      },
    ],
  },
  {
    composition: 'single',
    language: 'ja',
    members: [
      {
        relation: '世帯主',
        sex: 'male',
        age: 55,
        family: part('伊藤', 'イトウ', 'ito'),
        given: part('誠', 'マコト', 'makoto'),
      },
    ],
  },
];
